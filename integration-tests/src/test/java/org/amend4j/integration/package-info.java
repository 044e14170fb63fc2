/** The library against its peers: the same networks, weights and batches here and in libtorch. */
@NullMarked
package org.amend4j.integration;

import org.jspecify.annotations.NullMarked;
