/** Two that run at one time each need a folder of their own. */
export default { distDir: process.env.NEXT_FOLDER ?? '.next' }
