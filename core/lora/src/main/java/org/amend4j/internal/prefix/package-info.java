/* SPDX-License-Identifier: Apache-2.0 */
/** The frozen part of a graph as a plan on any machine, and the cache of its outputs on disk. */
@NullMarked
package org.amend4j.internal.prefix;

import org.jspecify.annotations.NullMarked;
