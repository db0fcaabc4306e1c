export const serverTemplate = ({ port }) => `import express from 'express'

const app = express()
app.get('/', (req, res) => res.send('hello'))
app.listen(${port}, '0.0.0.0', () => console.log('listening'))
`

export const dockerfileTemplate = () => `FROM node:20
WORKDIR /app
COPY . .
CMD ["node", "server.js"]
`

export const flaskTemplate = "from flask import Flask\napp = Flask(__name__)\napp.run(host='0.0.0.0')\n"
