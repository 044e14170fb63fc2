/**
 * The known layer kinds, one file each. A new kind is one more file here, or in your own project, and a line in
 * {@code META-INF/services/org.amend4j.internal.network.LayerKind}.
 */
@NullMarked
package org.amend4j.internal.layer;

import org.jspecify.annotations.NullMarked;
