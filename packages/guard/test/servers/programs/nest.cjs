require('reflect-metadata')
const { Controller, Get, Module } = require('@nestjs/common')
const { NestFactory } = require('@nestjs/core')

class Root {
  get() {
    return 'ok'
  }
}
class App {}
Get('/')(Root.prototype, 'get', Object.getOwnPropertyDescriptor(Root.prototype, 'get'))
Controller()(Root)
Module({ controllers: [Root] })(App)
void NestFactory.create(App).then((app) => app.listen(3000))
