/** Compares rules of gradient descent on real data: the first experiment of Mu and Klabjan (arXiv 2512.18248). */
@NullMarked
package org.amend4j.app.descent;

import org.jspecify.annotations.NullMarked;
