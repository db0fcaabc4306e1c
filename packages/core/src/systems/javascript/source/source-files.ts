export const SOURCE_EXTENSION = /\.[cm]?[jt]sx?$/

/** Declarations only: nothing in them runs. */
export const DECLARATIONS = /\.d\.[cm]?ts$/
