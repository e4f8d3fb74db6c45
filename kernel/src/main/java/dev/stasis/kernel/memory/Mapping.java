// SPDX-License-Identifier: Apache-2.0
package dev.stasis.kernel.memory;

import dev.stasis.spi.image.criu.VmaEntry;
import dev.stasis.spi.memory.Vma;
import dev.stasis.spi.memory.VmaHandler;

/**
 * A mapping on its way into an image.
 *
 * @param vma as the kernel shows it
 * @param image what is written; complete but for what a handler adds
 * @param pages which of its pages are saved with the process
 */
public record Mapping(Vma vma, VmaEntry.Builder image, VmaHandler.Pages pages) {}
