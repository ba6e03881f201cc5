/* Vulkan headers 1.3.239 (Debian 12) have no VK_EXT_layer_settings; 1.3.272 and later have it. llama.cpp names its
 * types wherever it makes an instance. Values and layout are those of the registry (vk.xml). */
#pragma once
#ifdef __cplusplus
#include <vector>
#include <vulkan/vulkan.h>
#ifndef VK_EXT_layer_settings
namespace vk {
enum class LayerSettingTypeEXT { eBool32 = 0 };
struct LayerSettingEXT {
    const char * pLayerName;
    const char * pSettingName;
    LayerSettingTypeEXT type;
    uint32_t valueCount;
    const void * pValues;
};
struct LayerSettingsCreateInfoEXT {
    explicit LayerSettingsCreateInfoEXT(const std::vector<LayerSettingEXT> & settings)
        : settingCount(static_cast<uint32_t>(settings.size())), pSettings(settings.data()) {}
    VkStructureType sType = static_cast<VkStructureType>(1000496000);
    const void * pNext = nullptr;
    uint32_t settingCount;
    const LayerSettingEXT * pSettings;
};
}  // namespace vk
#endif
#endif
