/** A Jupyter notebook as a Markdown page: its prose, its cells and what they answered. */

const text = lines => (Array.isArray(lines) ? lines.join('') : lines)

/** A block of code behind a fence longer than any inside. */
function fenced(code, language) {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(ticks => ticks[0].length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${code.replace(/\n$/, '')}\n${fence}`
}

/** Without blank lines, which would end a block of HTML in Markdown; v-pre: it is no template. */
const html = markup => `<div class="answer" v-pre>\n${markup.replace(/\n\s*\n/g, '\n').trim()}\n</div>`

/** The first of an answer's forms that a page can show; picture(png) keeps a picture and returns its address. */
function answer(output, picture) {
  if (output.output_type === 'stream') {
    return fenced(text(output.text), 'text')
  }
  const data = output.data ?? {}
  if (data['image/png']) {
    return `![what the cell draws](${picture(Buffer.from(text(data['image/png']), 'base64'))})`
  }
  if (data['text/html']) {
    return html(text(data['text/html']))
  }
  if (data['text/plain']) {
    return fenced(text(data['text/plain']), 'text')
  }
  throw new Error(`an output that no page can show: ${output.output_type} ${Object.keys(data)}`)
}

export function page(notebook, picture) {
  const blocks = notebook.cells.flatMap(cell =>
    cell.cell_type === 'code'
      ? [fenced(text(cell.source), 'java'), ...cell.outputs.map(output => answer(output, picture))]
      : [text(cell.source)])
  return `${blocks.join('\n\n')}\n`
}
