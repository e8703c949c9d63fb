import type { Actor, Permission } from '../kernel/actor.ts';

/** Says whether an actor may do something. `guard/access` implements it, the engine wires it. */
export interface Authorizer {
  /** Why the actor is refused, or absent when it is allowed. */
  refusal(actor: Actor, permission: Permission): string | undefined;
}
