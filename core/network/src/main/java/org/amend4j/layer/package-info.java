/**
 * The layer kinds that are known, a file each. A new one is one more file here, or in a project of your own, and a line in
 * {@code META-INF/services/org.amend4j.network.LayerKind}.
 */
@NullMarked
package org.amend4j.layer;

import org.jspecify.annotations.NullMarked;
