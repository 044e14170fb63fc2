/** What of somebody else's text can be shown. */
@NullMarked
package org.amend4j.internal.text;

import org.jspecify.annotations.NullMarked;
