/** Names of layers, and the patterns over them. */
@NullMarked
package org.amend4j.internal.names;

import org.jspecify.annotations.NullMarked;
