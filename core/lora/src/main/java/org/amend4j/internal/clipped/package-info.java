/* SPDX-License-Identifier: Apache-2.0 */
/** Clipped gradients of graphs by plans on the host, where the graphs' own layers would have a pass for each record. */
@NullMarked
package org.amend4j.internal.clipped;

import org.jspecify.annotations.NullMarked;
