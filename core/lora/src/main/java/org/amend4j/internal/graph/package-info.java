/* SPDX-License-Identifier: Apache-2.0 */
/** What objectives of graphs ask of a graph: its adapters, whether it ends in a linear head, whether its layers call kernels. */
@NullMarked
package org.amend4j.internal.graph;

import org.jspecify.annotations.NullMarked;
