/** Results as HTML: a writer that cannot make markup of a text, and what results share that can be looked at. */
@NullMarked
package org.amend4j.html;

import org.jspecify.annotations.NullMarked;
