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

const reference = ['lora', 'descent', 'objective', 'unlearning', 'certificate', 'privacy', 'policy', 'cuda', 'security']
const inside = ['architecture', 'packages', 'laws', 'benchmarks', 'mutation']

export default defineConfig({
  title: 'amend4j',
  description: 'Changes Deeplearning4j models after they were trained: adapt, forget, teach.',
  lang: 'en',
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
