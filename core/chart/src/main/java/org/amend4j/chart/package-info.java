/** Line charts with one look: the same fonts, sizes and colours everywhere, as images and as SVG. */
@NullMarked
package org.amend4j.chart;

import org.jspecify.annotations.NullMarked;
