/** Keys: generated, wrapped, kept in a ring, destroyed; HMACs and signatures with them. */
@NullMarked
package org.amend4j.keys;

import org.jspecify.annotations.NullMarked;
