import { createBrowserHistory } from 'history'
import { track } from './analytics.js'

export const history = createBrowserHistory()

history.listen(({ location, action }) => {
  track('page', { path: location.pathname, action })
})
