/**
 * Collects what the site shows: node collect.mjs REPOSITORY PAGES. Pages keep their places in the repository, so that their links
 * work as they are; README.md becomes index.md, a notebook becomes a page. A link to what is not on the site keeps its words.
 */
import fs from 'node:fs'
import path from 'node:path'
import { zipSync } from 'fflate'
import { page } from './notebook.mjs'

const [repository, pages] = process.argv.slice(2).map(folder => path.resolve(folder))
const notebooks = 'examples/notebooks'

const named = (folder, ending) =>
  fs.readdirSync(path.join(repository, folder)).filter(name => name.endsWith(ending)).sort().map(name => path.posix.join(folder, name))

const markdown = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...named('docs', '.md'), ...named('docs/guide', '.md')]
const books = named(notebooks, '.ipynb')
const shown = new Set([...markdown, ...books])

/** Where a file of the repository is on the site. */
const place = file => file.replace(/^README\.md$/, 'index.md').replace(/\.ipynb$/, '.md')

function write(file, content) {
  const target = path.join(pages, file)
  fs.mkdirSync(path.dirname(target), { recursive: true })
  fs.writeFileSync(target, content)
}

/** The page's links, which lead to pages of the site now; code is left alone. */
function linked(content, file) {
  return content.split(/(^```[\s\S]*?^```$|`[^`\n]*`)/m).map((part, k) => k % 2 === 1 ? part
    : part.replace(/(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s#]*)(#[^()\s]*)?\)/g, (link, picture, words, to, anchor = '') => {
      if (picture || to === '' || to.includes(':')) {
        return link
      }
      const target = path.posix.join(path.posix.dirname(file), to)
      if (target === notebooks) {
        return `[${words}](${path.posix.relative(path.posix.dirname(file), 'docs/guide/notebooks.md')})`
      }
      return shown.has(target) ? `[${words}](${place(to)}${anchor})` : words
    })).join('')
}

/** A notebook with the folder of files that it reads, as they lie in the repository; nothing if it reads none. */
function packed(file) {
  const name = path.posix.basename(file, '.ipynb')
  const folder = path.join(repository, notebooks, name)
  if (!fs.existsSync(folder)) {
    return undefined
  }
  const files = fs.readdirSync(folder, { recursive: true }).filter(inside => fs.statSync(path.join(folder, inside)).isFile()).sort()
  const read = [`${name}.ipynb`, ...files.map(inside => path.join(name, inside))]
    .map(one => [one.replaceAll(path.sep, '/'), new Uint8Array(fs.readFileSync(path.join(repository, notebooks, one)))])
  return zipSync(Object.fromEntries(read), { mtime: '1980-01-01' })
}

fs.rmSync(pages, { recursive: true, force: true })
for (const file of markdown) {
  write(place(file), linked(fs.readFileSync(path.join(repository, file), 'utf8'), file))
}
for (const file of books) {
  const name = path.posix.basename(file, '.ipynb')
  let pictures = 0
  const picture = bytes => {
    const address = `${name}/${++pictures}.png`
    write(path.posix.join(notebooks, address), bytes)
    return `./${address}`
  }
  const source = fs.readFileSync(path.join(repository, file))
  const zip = packed(file)
  const download = zip === undefined
    ? `<p><a href="${name}.ipynb" target="_self" download>Download this notebook</a></p>`
    : `<p><a href="${name}.zip" target="_self" download>Download this notebook with its files</a></p>`
  const [title, ...rest] = page(JSON.parse(source), picture).split('\n')
  write(place(file), linked([title, '', download, ...rest].join('\n'), file))
  write(path.posix.join('public', zip === undefined ? file : file.replace(/\.ipynb$/, '.zip')), zip ?? source)
}
fs.cpSync(path.join(repository, 'docs/images'), path.join(pages, 'docs/images'), { recursive: true })
