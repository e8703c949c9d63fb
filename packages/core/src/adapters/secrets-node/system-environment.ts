/** The variables this process was started with; plugins read their secrets from here. */
export const systemEnvironment: Readonly<Record<string, string | undefined>> = process.env;
