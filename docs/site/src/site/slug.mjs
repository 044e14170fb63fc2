/** A heading's anchor, as GitHub makes it: links work there and here. */
export const slug = heading =>
  heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-')
