import fs from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitepress'
import { slug } from '../slug.mjs'

const pages = path.resolve(import.meta.dirname, '../pages')

/** A page's first heading. */
const title = page => fs.readFileSync(path.join(pages, `${page}.md`), 'utf8').match(/^# +(.*)$/m)[1].replaceAll('`', '')

const entries = (folder, names) => names.map(name => ({ text: title(folder + name), link: `/${folder}${name}` }))

const inFolder = folder =>
  fs.readdirSync(path.join(pages, folder)).filter(name => name.endsWith('.md')).sort().map(name => name.replace(/\.md$/, ''))

const reference = ['lora', 'descent', 'objective', 'transformers', 'text', 'unlearning', 'certificate', 'privacy', 'policy', 'plans', 'cuda', 'spark', 'security']
const inside = ['architecture', 'packages', 'laws', 'benchmarks', 'mutation']

/** The base, and the adapter that is added to it. */
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f2937"/>
<rect x="3" y="3" width="7" height="10" fill="#e5e7eb"/><rect x="11" y="3" width="2" height="10" fill="#d55e00"/></svg>`

export default defineConfig({
  title: 'amend4j',
  description: 'Changes Deeplearning4j models after they were trained: adapt, forget, teach.',
  lang: 'en',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  srcDir: 'pages',
  outDir: 'built',
  markdown: { math: true, anchor: { slugify: slug } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/docs/guide/adapt' },
      { text: 'Notebooks', link: '/docs/guide/notebooks' },
      { text: 'Reference', link: '/docs/lora' },
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar: [
      { text: 'Start', items: [{ text: 'amend4j', link: '/' }] },
      { text: 'Guide', items: entries('docs/guide/', ['adapt', 'descend', 'forget', 'reinforce', 'gpu', 'notebooks', 'commands']) },
      { text: 'Notebooks', items: entries('examples/notebooks/', inFolder('examples/notebooks')) },
      { text: 'Reference', items: entries('docs/', reference) },
      { text: 'Inside', items: [...entries('docs/', inside), ...entries('', ['CONTRIBUTING', 'CHANGELOG'])] },
    ],
  },
})
