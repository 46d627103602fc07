import '../../widgets/style/chunkscope.css';
import './panel.css';
