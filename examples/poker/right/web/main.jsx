import { createRoot } from 'react-dom/client'
import { Advisor } from './Advisor.jsx'

createRoot(document.getElementById('root')).render(<Advisor />)
