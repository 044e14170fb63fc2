/** Keys, and what is done with them. */
@NullMarked
package org.amend4j.secret;

import org.jspecify.annotations.NullMarked;
