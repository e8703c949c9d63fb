/** What a check found: whether all is well, and one line that says what was seen and what is allowed. */
export type CheckVerdict = readonly [ok: boolean, message: string];

/** Looks at one thing and says how it is. Never rejects: what cannot be looked at is not well. */
export type Check = () => Promise<CheckVerdict>;
