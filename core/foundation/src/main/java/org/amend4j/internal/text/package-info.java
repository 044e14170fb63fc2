/** Makes text from elsewhere safe to show. */
@NullMarked
package org.amend4j.internal.text;

import org.jspecify.annotations.NullMarked;
