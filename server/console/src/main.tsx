import { render } from 'preact'
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import './styles/shell.css'
import './theme.ts'
import './install.ts'
import { App } from './app.tsx'
import { desk } from './desk.ts'
import { began, left, type Session } from './session.ts'
import { restoreLanguage } from './words.ts'
import { startWorker } from './worker.ts'

const root = document.getElementById('console')
const [who] = await Promise.allSettled([desk.get<Session>('/session'), restoreLanguage()])
if (who.status === 'fulfilled') began(who.value)
else left()
if (root) render(<App />, root)
startWorker()
