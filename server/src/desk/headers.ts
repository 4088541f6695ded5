/** The password of whoever asks, percent-encoded UTF-8, where an act asks for it. */
export const PASSWORD_HEADER = 'x-vedette-password'
/** The id of an import to draw from. */
export const IMPORT_HEADER = 'x-vedette-import'
/** The same key, the same answer, one entry. Source: draft-ietf-httpapi-idempotency-key-header. */
export const KEY_HEADER = 'idempotency-key'
/** Of the session, with everything that changes something. */
export const CSRF_HEADER = 'x-vedette-csrf'
/** `1` where a person at the page asks, and not the page by itself. */
export const PRESENT_HEADER = 'x-vedette-present'
