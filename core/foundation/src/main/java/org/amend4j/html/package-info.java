/** Results as HTML: a writer that escapes all text, and the interface of results that can be shown. */
@NullMarked
package org.amend4j.html;

import org.jspecify.annotations.NullMarked;
