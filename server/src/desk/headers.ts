/** The password of whoever asks, percent-encoded UTF-8, where an act asks for it. */
export const PASSWORD_HEADER = 'x-vedette-password'
