/** 32 MiB, five times over: 100 to 250 ms of one core. Source: RFC 9106; OWASP's least is 19 MiB, 2. */
export const COST = { memoryCost: 32 * 1024, timeCost: 5, parallelism: 1 } as const
