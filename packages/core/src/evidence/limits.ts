/** The longest text that is put together, in UTF-16 code units: a script can double a text with every line. */
export const LONGEST = 1 << 16

export const TOO_LONG = 'the text is too long'
