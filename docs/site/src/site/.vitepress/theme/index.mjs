import theme from 'vitepress/theme'
import './amend4j.css'

export default theme
