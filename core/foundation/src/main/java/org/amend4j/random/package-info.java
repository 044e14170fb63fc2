/** Randomness: a generator that repeats by its seed, and secure bytes for noise, salts and keys. */
@NullMarked
package org.amend4j.random;

import org.jspecify.annotations.NullMarked;
