/** Compiled code on disk, found by the digest of everything it was made from. */
@NullMarked
package org.amend4j.internal.cuda.cache;

import org.jspecify.annotations.NullMarked;
