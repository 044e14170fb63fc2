/** Randomness: a seeded, reproducible generator, and secure bytes for noise, salts and keys. */
@NullMarked
package org.amend4j.random;

import org.jspecify.annotations.NullMarked;
