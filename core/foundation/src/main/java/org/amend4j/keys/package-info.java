/** Keys, and what is done with them. */
@NullMarked
package org.amend4j.keys;

import org.jspecify.annotations.NullMarked;
