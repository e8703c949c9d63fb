import type { AlertView, AuditView, FeedMessage } from '@qts-ops/core/client';
import type { ActSubject } from './act.ts';
import type { Asked } from './asked.ts';
import type { Size } from './layout.ts';
import type { Link } from './link.ts';
import type { Flash, OutputData, Page, SubjectData, Tab } from './screen-state.ts';

/** How the engine answered an act, or did not. */
export type Answer =
  | {
      readonly kind: 'accepted';
      readonly auditSeq: number;
      readonly executionId?: string | undefined;
      readonly repeated: boolean;
    }
  | { readonly kind: 'moved'; readonly subject: ActSubject; readonly requestId: string }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly problem: string;
      readonly remedy: readonly string[];
    }
  | { readonly kind: 'unknown'; readonly problem: string };

/** Everything that can happen to the screen. */
export type Action =
  // from the engine
  | { readonly kind: 'messages'; readonly messages: readonly FeedMessage[] }
  | { readonly kind: 'link'; readonly link: Link }
  | { readonly kind: 'acts'; readonly acts: readonly AuditView[] }
  | { readonly kind: 'subject'; readonly subject: SubjectData }
  | { readonly kind: 'output'; readonly output: OutputData }
  | { readonly kind: 'asked'; readonly asked: Asked }
  | { readonly kind: 'ended'; readonly alerts: readonly AlertView[] }
  | { readonly kind: 'answer'; readonly requestId: string; readonly answer: Answer }
  // from the terminal
  | { readonly kind: 'frame' }
  | { readonly kind: 'resize'; readonly size: Size }
  | { readonly kind: 'slowness'; readonly slowness: 0 | 1 | 2 }
  | { readonly kind: 'flash'; readonly flash: Flash }
  // from keys
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: 'problem'; readonly direction: 1 | -1 }
  | { readonly kind: 'tab'; readonly tab: Tab; readonly jobId?: string | undefined }
  | { readonly kind: 'open'; readonly page: Page }
  | { readonly kind: 'scroll'; readonly top: number; readonly length: number; readonly height: number }
  | { readonly kind: 'back' }
  | { readonly kind: 'filter.start' }
  | { readonly kind: 'filter.key'; readonly key: string }
  | { readonly kind: 'problemsOnly' }
  | { readonly kind: 'freeze' }
  | { readonly kind: 'paste'; readonly text: string }
  | {
      readonly kind: 'dialog.open';
      readonly subject: ActSubject;
      readonly requestId: string;
    }
  | { readonly kind: 'dialog.key'; readonly key: string };
