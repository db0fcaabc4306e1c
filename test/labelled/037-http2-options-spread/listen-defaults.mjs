export const base = Object.freeze({ host: '::', backlog: 256 })
export const local = Object.freeze({ ...base, host: '::1' })
