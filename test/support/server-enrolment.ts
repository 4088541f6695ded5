/** Thresholds of a deployment without cameras. */
export const ORDINARY = { usual: 0.95, added: async () => [] }

/** Somebody at the desk. */
export const ANNA = { by: 'anna', from: '127.0.0.1', why: null }
