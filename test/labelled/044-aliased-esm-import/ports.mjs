const offset = Number(process.env.PORT_OFFSET || 0)
export const port = 2100 + offset
