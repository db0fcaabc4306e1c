export const LOCALHOST = '0.0.0.0'
export const DEFAULT_PORT = 4321
