/** Exit statuses of the daemons; beyond these as README.md says. */
export const EXIT_FAILURE = 1
/** EX_SOFTWARE of sysexits.h: something that nobody caught. systemd starts it anew. */
export const EXIT_BROKEN = 70
/** EX_CONFIG of sysexits.h: a person must mend a file, starting again will not help. */
export const EXIT_CONFIG = 78
