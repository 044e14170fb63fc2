/**
 * Hiding commitments to records: data is identified without a hash that could be guessed, and forgotten rows can be erased.
 */
@NullMarked
package org.amend4j.record;

import org.jspecify.annotations.NullMarked;
