import { render } from 'preact'

const root = document.getElementById('console')
if (root) render(<h1>Vedette</h1>, root)
