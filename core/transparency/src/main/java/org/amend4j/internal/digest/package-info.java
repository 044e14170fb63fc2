/** SHA-256 in one place; {@code verify} has its own, as it shares nothing with what it checks. */
@NullMarked
package org.amend4j.internal.digest;

import org.jspecify.annotations.NullMarked;
