/** Values written so that there is one way to write them: RFC 8785. */
@NullMarked
package org.amend4j.internal.json;

import org.jspecify.annotations.NullMarked;
