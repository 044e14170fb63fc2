/** Values written so that there is one way to write them: RFC 8785. */
@NullMarked
package org.amend4j.canonical;

import org.jspecify.annotations.NullMarked;
